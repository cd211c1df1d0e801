"""What the public is told and may ask: the transparency report, requests, complaints, appeals.

Enters: the audit log, from the database or from an export; what a person asks at the counter.
Leaves: a report that anybody with the log can make again byte for byte, in which no count under
ten can be told; an answer within thirty days, and on appeal one by somebody else.
"""
