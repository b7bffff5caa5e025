"""Files in, reports out (``work``); reports in, text out, one file a format."""
