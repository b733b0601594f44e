/**
 * How proposed coefficients are scored: on this thread, on several, or elsewhere. {@link
 * org.lcsc.search.evaluation.Evaluator} is the main type.
 */
package org.lcsc.search.evaluation;
