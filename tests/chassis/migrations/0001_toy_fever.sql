-- One row for each patient of the toy whose latest reading is a fever.
CREATE TABLE toy_fever (
    key           text PRIMARY KEY,
    measured_at   timestamptz,
    temperature_c double precision
);
