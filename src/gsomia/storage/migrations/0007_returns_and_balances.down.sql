DROP TABLE own_refusal;
DROP TABLE balance;
DROP TABLE return_proposal;
DROP TABLE return_answer;
DROP TABLE item_return;
