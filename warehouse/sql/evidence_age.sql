FROM evidence_age;
