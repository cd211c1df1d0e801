"""The streets between the cameras: imported, kept, and asked where one can have got to."""
