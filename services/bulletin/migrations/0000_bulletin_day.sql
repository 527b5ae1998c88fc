-- The figures of each day as said last: what the following days build upon.
-- formerly: table/bulletin_day d3dceef8ff70d5a48561d82eeeb3a70d3365a66088ef8e3883184ef4b50a4042

CREATE TABLE bulletin_day (
    key                 text PRIMARY KEY,
    jurisdiction        text,
    day                 date,
    confirmed_imported  integer,
    confirmed_local     integer,
    discharged_imported integer,
    discharged_local    integer,
    died_imported       integer,
    died_local          integer,
    youngest_months     integer
);
