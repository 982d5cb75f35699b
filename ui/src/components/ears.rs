//! Ears of millet whose grains are waveforms: the drawing of first runs and empty places.
//! Its source is `assets/icons/art/ears.svg`.

use yew::prelude::*;

const GROUND: &str = "M40 132h112";
const STEMS: &str =
    "M100 132C95 114 92 98 92 78M84 132C78 122 68 116 64 98M116 132C126 124 136 114 138 96";
const LEAVES: &str = "M99 126C104 113 113 107 127 108C125 119 114 127 99 126zM90 127C82 116 70 113 52 118C60 128 74 132 90 127z";
const GRAINS: &str = "M86.0 77.7L98.0 78.3M82.7 65.1L104.1 70.0M83.0 51.5L110.4 63.6M92.0 41.5L111.7 55.2M97.6 28.9L119.8 51.9M109.7 23.0L124.1 44.6M122.4 20.5L129.9 36.9M134.6 20.2L137.4 29.8";
const FAR_GRAINS: &str = "M59.1 99.2L68.9 96.8M53.9 93.2L68.5 86.6M48.0 88.8L65.9 76.1M45.2 82.7L57.3 69.4M38.9 80.6L49.7 61.4M34.1 75.3L38.7 60.0M27.6 70.0L28.4 62.0M134.0 95.7L142.0 96.3M131.9 86.0L147.1 91.3M134.6 76.4L151.2 87.5M142.4 70.4L153.1 82.2M148.9 63.2L158.8 80.6M158.5 62.2L163.0 75.4M167.3 63.1L168.7 70.9";

/// The drawing; its colours are the styles'.
#[component]
pub fn Ears() -> Html {
    html! {
        <svg class="ears" viewBox="0 0 200 140" aria-hidden="true">
            <path class="ears-ground" stroke-width="2" d={GROUND} />
            <path class="ears-stem" stroke-width="3" d={STEMS} />
            <path class="ears-leaf" stroke-width="2" d={LEAVES} />
            <path class="ears-grain" stroke-width="7" d={GRAINS} />
            <path class="ears-grain ears-grain-far" stroke-width="5.5" d={FAR_GRAINS} />
        </svg>
    }
}
