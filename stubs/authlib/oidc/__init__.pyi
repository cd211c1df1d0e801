"""The part of Authlib that Amaan uses; the package brings no types of its own."""
