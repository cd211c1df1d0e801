"""How long what is kept: classes with days, legal holds, the nightly run, signed receipts."""
