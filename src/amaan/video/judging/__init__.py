"""Whether a camera still sees what it should: judged from key frames, at the worker."""
