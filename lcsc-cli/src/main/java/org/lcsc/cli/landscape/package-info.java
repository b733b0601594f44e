/**
 * The metric landscape over a plane of three models (Figures 3 and 6 of the paper): {@link
 * org.lcsc.cli.landscape.Plane} spans it, {@link org.lcsc.cli.landscape.LandscapeRun} scores it,
 * {@link org.lcsc.cli.landscape.LandscapePlot} draws it.
 */
package org.lcsc.cli.landscape;
