"""Publishers' and users' files, turned into our tables: the only room that meets dirty data."""
