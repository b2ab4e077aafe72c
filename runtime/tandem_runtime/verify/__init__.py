"""`verify`, the function that a recovery plan verifies an activated Region with."""
