package org.lcsc.cli.sweep;

import org.deeplearning4j.arbiter.optimize.api.Candidate;
import org.deeplearning4j.arbiter.optimize.api.CandidateGenerator;
import org.deeplearning4j.arbiter.optimize.api.OptimizationResult;
import org.deeplearning4j.arbiter.optimize.api.ParameterSpace;
import org.deeplearning4j.arbiter.optimize.api.termination.TerminationCondition;
import org.deeplearning4j.arbiter.optimize.runner.IOptimizationRunner;

/**
 * A generator that ends after so many candidates. Arbiter's runner never ends by itself when its
 * generator does, and starts more candidates than asked for while the last ones run.
 */
@SuppressWarnings("rawtypes") // Arbiter's own signatures
final class LimitedGenerator implements CandidateGenerator {

  private final CandidateGenerator generator;
  private final int most;
  private int given;

  /** Candidates that could not even be made, which the runner does not count. */
  private int unmade;

  LimitedGenerator(CandidateGenerator generator, int most) {
    this.generator = generator;
    this.most = most;
  }

  /** How many candidates there are. */
  int most() {
    return most;
  }

  @Override
  public boolean hasMoreCandidates() {
    return given < most && generator.hasMoreCandidates();
  }

  @Override
  public Candidate getCandidate() {
    given++;
    Candidate candidate = generator.getCandidate();
    if (candidate.getException() != null) {
      unmade++;
    }
    return candidate;
  }

  @Override
  public void reportResults(OptimizationResult result) {
    generator.reportResults(result);
  }

  @Override
  public ParameterSpace<?> getParameterSpace() {
    return generator.getParameterSpace();
  }

  @Override
  public void setRngSeed(long seed) {
    generator.setRngSeed(seed);
  }

  @Override
  public Class<?> getCandidateType() {
    return SweepPoint.class;
  }

  /** Ends a run once all candidates are done. */
  TerminationCondition exhausted() {
    return new TerminationCondition() {
      @Override
      public void initialize(IOptimizationRunner runner) {
        // Nothing is counted here.
      }

      @Override
      public boolean terminate(IOptimizationRunner runner) {
        return !hasMoreCandidates()
            && runner.numCandidatesCompleted() + runner.numCandidatesFailed() >= given - unmade;
      }

      @Override
      public String toString() {
        return "all " + most + " candidates";
      }
    };
  }
}
