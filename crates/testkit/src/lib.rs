//! For tests only: a scripted server, real servers, personas, a scripted microphone
