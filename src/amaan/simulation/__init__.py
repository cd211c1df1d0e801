"""A city of cameras that do not exist: traffic rendered as H.264, served as cameras serve it."""
