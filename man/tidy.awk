# scdoc opens a paragraph before and after everything. Where roff has one already, mandoc warns about an empty one, and at
# the end of an indented part it belongs behind it: a ".P" is kept only between two pieces of text.
/^\.P$/ { pending = NR > 1; next }
/^\.RE/ { print; pending = 1; next }
/^\.(SH|SS)/ { pending = 0 }
pending && !after_heading { print ".P" }
{ pending = 0; after_heading = /^\.(TH|SH|SS|RS)/; print }
