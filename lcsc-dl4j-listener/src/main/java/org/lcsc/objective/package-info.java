/**
 * What a merged model is scored by. {@link org.lcsc.objective.Objective} is the main type; {@link
 * org.lcsc.objective.FidObjective} scores a generative model by the FID of its samples, {@link
 * org.lcsc.objective.FeatureObjective} with the gradient of FID or KID as well, {@link
 * org.lcsc.objective.ScoreCalculatorObjective} scores any Deeplearning4j model by a {@code
 * ScoreCalculator}. With {@link org.lcsc.objective.TimeRanges} a model is several, each for a range
 * of noise levels.
 */
package org.lcsc.objective;
