"""Records that wait to who gets them, each decision with its reasons; `run.assign` tells the whole story."""
