//! Files replaced together: all of them or none.
