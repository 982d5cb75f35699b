//! A message: its row, and how it is put into one.
