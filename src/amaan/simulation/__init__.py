"""A city of cameras that do not exist: traffic rendered as real H.264 and served as cameras serve it."""
