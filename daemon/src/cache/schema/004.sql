-- The words are written in larger strokes, and their segments merged by a command in small bites
-- between them, and never at a commit: who saves an edit meanwhile waits for a bite. A leaf fills a
-- page of the encrypted file.
INSERT INTO words (words, rank) VALUES ('pgsz', 3900);
INSERT INTO words (words, rank) VALUES ('automerge', 0);
INSERT INTO words (words, rank) VALUES ('crisismerge', 1999);
INSERT INTO words (words, rank) VALUES ('usermerge', 16);
