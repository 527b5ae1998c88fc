-- Of each case what a bulletin counts.
-- formerly: table/bulletin_case 23d6a5eed831ad5657e18d7452b0782f428a62435a9c096174cfa1afbb050cd5

CREATE TABLE bulletin_case (
    key            text PRIMARY KEY,
    jurisdiction   text,
    origin         text,
    confirmed_on   date,
    discharged_on  date,
    died_on        date,
    origin_country text,
    nationality    text,
    severity       text,
    age_months     integer,
    age_band       text,
    child          boolean
);
