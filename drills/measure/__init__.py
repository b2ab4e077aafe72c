"""What a drill measures: lags, detection, percentiles, and the look-up of every acknowledged transaction."""
