package org.lcsc.experiment;

import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.listener.LcscResult;
import org.lcsc.objective.TimeRanges;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a search of a run found.
 *
 * @param run its files
 * @param result scores and coefficients
 * @param ranges of noise levels that the combination has models for
 * @param emaStar samples of EMA* {@code [N, C, H, W]}, from noise that no score has seen
 * @param lcsc samples of the combination from the same noise
 */
public record SearchOutcome(
    RunDirectory run, LcscResult result, TimeRanges ranges, INDArray emaStar, INDArray lcsc) {}
