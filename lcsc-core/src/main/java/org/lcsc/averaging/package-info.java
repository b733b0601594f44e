/**
 * Averages of the weights along training. {@link org.lcsc.averaging.ExponentialMovingAverage} is
 * the main type and runs beside training; {@link org.lcsc.averaging.EmaCoefficients} and {@link
 * org.lcsc.averaging.LawaCoefficients} give the coefficients by which a window of checkpoints
 * reproduces an average afterwards. {@link org.lcsc.averaging.PostHocEma} keeps two power-function
 * averages and gives any other width after training.
 */
package org.lcsc.averaging;
