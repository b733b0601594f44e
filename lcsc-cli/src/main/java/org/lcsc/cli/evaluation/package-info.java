/**
 * Scores images from models, folders and archives by every metric in one pass. {@link
 * org.lcsc.cli.evaluation.Evaluation} is the main type; {@link
 * org.lcsc.cli.evaluation.EvaluationReport} shows what it finds.
 */
package org.lcsc.cli.evaluation;
