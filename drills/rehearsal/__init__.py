"""A game day: an experiment of AWS FIS on a deployed stage, watched, judged and reported as a drill is."""
