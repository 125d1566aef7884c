-- Those that were ended lately: what a program that starts has to know of.
CREATE INDEX sessions_by_update_time ON sessions (update_time, name);
