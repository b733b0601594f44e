/**
 * Writing results. {@link org.lcsc.export.ModelExporter} is the main type: it writes parameters as
 * an ordinary Deeplearning4j model file; a {@link org.lcsc.export.Recipe} says how they were made,
 * and {@link org.lcsc.export.RecipeFiles} which files belong to it.
 */
package org.lcsc.export;
