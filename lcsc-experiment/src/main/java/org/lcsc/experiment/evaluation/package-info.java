/**
 * Scores images from models, folders and archives by every metric in one pass. {@link
 * org.lcsc.experiment.evaluation.ImageScorer} is the main type; {@link
 * org.lcsc.experiment.evaluation.EvaluationReport} shows what it finds.
 */
package org.lcsc.experiment.evaluation;
