FROM newest_frozen_scores;
