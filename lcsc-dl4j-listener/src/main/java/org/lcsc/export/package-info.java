/**
 * Writing results: model files, recipes and tables. {@link org.lcsc.export.AtomicFiles} makes every
 * file appear whole or not at all.
 */
package org.lcsc.export;
