@echo off
rem Runs the lcsc command line of this directory. The variables it reads are those of the script lcsc.
setlocal
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
if not defined LCSC_JAVA_OPTS set "LCSC_JAVA_OPTS=-Xmx2g -XX:+UseSerialGC"
if not defined ORT_DISABLE_TELEMETRY set "ORT_DISABLE_TELEMETRY=1"
set "CLASSPATH=%~dp0lib\lcsc.jar"
if defined LCSC_CLASSPATH set "CLASSPATH=%LCSC_CLASSPATH%;%CLASSPATH%"
"%java%" --enable-native-access=ALL-UNNAMED -XX:-UsePerfData ^
  %LCSC_JAVA_OPTS% -Djava.awt.headless=true -Dfile.encoding=UTF-8 ^
  -Dorg.bytedeco.javacpp.maxphysicalbytes=0 org.lcsc.cli.Main %*
exit /b %ERRORLEVEL%
