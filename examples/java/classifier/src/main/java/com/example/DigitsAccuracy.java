package com.example;

import java.io.IOException;
import org.deeplearning4j.earlystopping.scorecalc.ClassificationScoreCalculator;
import org.lcsc.listener.ObjectiveFactory;
import org.lcsc.listener.ScoreCalculatorObjective;
import org.lcsc.objective.Objective;
import org.nd4j.evaluation.classification.Evaluation;

/** What 'lcsc search' scores the digit classifier's checkpoints by: see search.yaml. Thread-safe. */
public final class DigitsAccuracy implements ObjectiveFactory {

  /** Made by its name. */
  public DigitsAccuracy() {}

  /** The images are what they are: neither seed nor number of samples matters. */
  @Override
  public Objective create(long seed, int samples) throws IOException {
    return ScoreCalculatorObjective.of(
        Digits.network(),
        new ClassificationScoreCalculator(
            Evaluation.Metric.ACCURACY, new Digits().validation()));
  }
}
