select * from rfm
