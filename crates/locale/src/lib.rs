//! Every word Millet says, in every language it speaks
