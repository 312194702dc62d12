select * from visits
