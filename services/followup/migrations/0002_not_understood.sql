-- Words for symptoms that are neither codes nor on the list, as the list of what is not understood shows them.

ALTER TABLE followup_case ADD COLUMN word_at timestamptz, ADD COLUMN word json;

CREATE INDEX followup_case_words ON followup_case (jurisdiction, word_at, key) WHERE word_at IS NOT NULL;
CREATE INDEX followup_case_words_of_district ON followup_case (jurisdiction, district, word_at, key)
    WHERE word_at IS NOT NULL;

COMMENT ON COLUMN followup_case.word IS 'the words that were told first, at word_at, and that nobody understands';
