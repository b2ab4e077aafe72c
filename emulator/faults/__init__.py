"""Faults that drills inject: lost Regions and services, replication that lags, and the record of calls."""
