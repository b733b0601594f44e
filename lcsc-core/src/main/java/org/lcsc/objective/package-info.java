/**
 * What a merged model is scored by. {@link org.lcsc.objective.Objective} is the main type, {@link
 * org.lcsc.objective.DifferentiableObjective} gives the gradient as well. Generative models are
 * scored by samples made from {@link org.lcsc.objective.NoiseSource noise} that depends on seed and
 * index alone. With {@link org.lcsc.objective.TimeRanges} a model is several, each for a range of
 * noise levels.
 */
package org.lcsc.objective;
