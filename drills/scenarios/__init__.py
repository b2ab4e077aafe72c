"""What happens to a stage in a drill: scenarios as data, and the phases that they are composed of."""
