/**
 * Scores in Deeplearning4j's training UI: {@link org.lcsc.ui.TrainingUiScores}. Needs {@code
 * deeplearning4j-ui-model}, which whoever shows the UI has.
 */
package org.lcsc.ui;
