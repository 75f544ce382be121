/** Version of the calculation rules. Any change that can move a digit of a result raises it; certificates carry it. */
export const ENGINE_VERSION = '1.0.0'
