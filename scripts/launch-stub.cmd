@echo off
rem @NAME@ for Windows: starts the jar beside this file that has its name. Needs Java 17 or newer in JAVA_HOME or PATH.
rem Variables: @VARIABLE@_JAVA (a java.exe to use instead), @VARIABLE@_JAVA_OPTS (more options for it).
setlocal
set "java=java.exe"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java.exe"
if defined @VARIABLE@_JAVA set "java=%@VARIABLE@_JAVA%"
"%java%" -XX:+UseSerialGC @OPTIONS@ -Xlog:disable %@VARIABLE@_JAVA_OPTS% -jar "%~dpn0.jar" %*
exit /b %ERRORLEVEL%
