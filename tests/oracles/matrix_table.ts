/** Phase × event, quiet rigs (see matrix_kit): phase and word after the event, then what leaves. Reviewed as a diff. */
export const NONE = `
event             | flat                         | entry                                     | position                                   | exit
Boot              | flat/COOLDOWN pos? ord? exe? | entry/COOLDOWN pos? ord? exe? look cancel | position/COOLDOWN pos? ord? exe? look look | exit/COOLDOWN pos? ord? exe? look look look
Tick              | flat/FLAT                    | entry/ENTRY_PENDING                       | position/IN_POSITION                       | exit/EXIT_PENDING
TimeGap           | flat/FLAT pos? ord?          | entry/ENTRY_PENDING pos? ord?             | position/IN_POSITION pos? ord?             | exit/EXIT_PENDING pos? ord?
Shutdown          | flat/FLAT                    | entry/ENTRY_PENDING cancel                | position/IN_POSITION                       | exit/EXIT_PENDING
CoreFault         | flat/HALT                    | entry/HALT cancel                         | position/HALT                              | exit/HALT
JournalHealth     | flat/HALT                    | entry/HALT cancel                         | position/HALT                              | exit/HALT
Market            | flat/FLAT                    | entry/ENTRY_PENDING                       | position/IN_POSITION                       | exit/EXIT_PENDING
Bars              | flat/FLAT                    | entry/ENTRY_PENDING                       | position/IN_POSITION                       | exit/EXIT_PENDING
Executed          | position/HALT pos? ord? stop | position/HALT pos? ord? stop cancel       | position/HALT pos? ord? exit cancel        | exit/HALT pos? ord?
InvalidFill       | flat/HALT pos? ord?          | entry/HALT pos? ord? cancel               | position/HALT pos? ord?                    | exit/HALT pos? ord?
OrderSeen         | flat/HALT pos? ord?          | entry/ENTRY_PENDING                       | position/IN_POSITION                       | exit/EXIT_PENDING
PositionSeen      | flat/FLAT                    | entry/ENTRY_PENDING                       | position/IN_POSITION                       | exit/EXIT_PENDING
WalletSeen        | flat/FLAT                    | entry/ENTRY_PENDING                       | position/IN_POSITION                       | exit/EXIT_PENDING
PlaceAnswer       | flat/FLAT                    | entry/ENTRY_PENDING                       | position/IN_POSITION                       | exit/EXIT_PENDING
AmendAnswer       | flat/FLAT                    | entry/ENTRY_PENDING                       | position/IN_POSITION                       | exit/EXIT_PENDING
CancelAnswer      | flat/FLAT                    | entry/ENTRY_PENDING                       | position/IN_POSITION                       | exit/EXIT_PENDING
LeverageAnswer    | flat/FLAT pos?               | entry/ENTRY_PENDING pos?                  | position/IN_POSITION pos?                  | exit/EXIT_PENDING pos?
PriceAdjustAnswer | flat/FLAT                    | entry/ENTRY_PENDING                       | position/IN_POSITION                       | exit/EXIT_PENDING
OrderLookup       | flat/FLAT                    | entry/ENTRY_PENDING                       | position/IN_POSITION                       | exit/EXIT_PENDING
PositionAnswer    | flat/FLAT                    | entry/ENTRY_PENDING                       | position/IN_POSITION                       | exit/EXIT_PENDING
OpenOrdersAnswer  | flat/FLAT                    | entry/ENTRY_PENDING                       | position/IN_POSITION                       | exit/EXIT_PENDING
ExecutionsAnswer  | flat/FLAT                    | entry/ENTRY_PENDING                       | position/IN_POSITION                       | exit/EXIT_PENDING
WalletAnswer      | flat/FLAT                    | entry/ENTRY_PENDING                       | position/IN_POSITION                       | exit/EXIT_PENDING
FeeRatesAnswer    | flat/FLAT                    | entry/ENTRY_PENDING                       | position/IN_POSITION                       | exit/EXIT_PENDING
InstrumentAnswer  | flat/FLAT                    | entry/ENTRY_PENDING                       | position/IN_POSITION                       | exit/EXIT_PENDING
RiskTierAnswer    | flat/FLAT                    | entry/ENTRY_PENDING                       | position/IN_POSITION                       | exit/EXIT_PENDING
AccountAnswer     | flat/FLAT                    | entry/ENTRY_PENDING                       | position/IN_POSITION                       | exit/EXIT_PENDING
KeyAnswer         | flat/FLAT                    | entry/ENTRY_PENDING                       | position/IN_POSITION                       | exit/EXIT_PENDING
MaintenanceAnswer | flat/FLAT                    | entry/ENTRY_PENDING                       | position/IN_POSITION                       | exit/EXIT_PENDING
Link              | flat/FLAT                    | entry/ENTRY_PENDING                       | position/IN_POSITION                       | exit/EXIT_PENDING
IpBanned          | flat/FLAT                    | entry/ENTRY_PENDING cancel                | position/IN_POSITION                       | exit/EXIT_PENDING
ParseFault        | flat/FLAT                    | entry/ENTRY_PENDING                       | position/IN_POSITION                       | exit/EXIT_PENDING
Dropped           | flat/FLAT pos? ord?          | entry/ENTRY_PENDING pos? ord?             | position/IN_POSITION pos? ord?             | exit/EXIT_PENDING pos? ord?
KillSwitch        | flat/HALT                    | entry/HALT cancel                         | position/HALT cancel                       | exit/HALT
OperatorCommand   | flat/FLAT answer             | entry/ENTRY_PENDING answer                | position/IN_POSITION answer                | exit/EXIT_PENDING answer
`;

export const HALT = `
event             | flat                         | entry                                 | position                               | exit
Boot              | flat/HALT pos? ord? exe?     | entry/HALT pos? ord? exe? look cancel | position/HALT pos? ord? exe? look look | exit/HALT pos? ord? exe? look look look
Tick              | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
TimeGap           | flat/HALT pos? ord?          | entry/HALT pos? ord? cancel           | position/HALT pos? ord?                | exit/HALT pos? ord?
Shutdown          | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
CoreFault         | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
JournalHealth     | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
Market            | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
Bars              | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
Executed          | position/HALT pos? ord? stop | position/HALT pos? ord? stop cancel   | position/HALT pos? ord? exit cancel    | exit/HALT pos? ord?
InvalidFill       | flat/HALT pos? ord?          | entry/HALT pos? ord? cancel           | position/HALT pos? ord?                | exit/HALT pos? ord?
OrderSeen         | flat/HALT pos? ord?          | entry/HALT cancel                     | position/HALT                          | exit/HALT
PositionSeen      | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
WalletSeen        | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
PlaceAnswer       | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
AmendAnswer       | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
CancelAnswer      | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
LeverageAnswer    | flat/HALT pos?               | entry/HALT pos? cancel                | position/HALT pos?                     | exit/HALT pos?
PriceAdjustAnswer | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
OrderLookup       | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
PositionAnswer    | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
OpenOrdersAnswer  | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
ExecutionsAnswer  | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
WalletAnswer      | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
FeeRatesAnswer    | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
InstrumentAnswer  | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
RiskTierAnswer    | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
AccountAnswer     | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
KeyAnswer         | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
MaintenanceAnswer | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
Link              | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
IpBanned          | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
ParseFault        | flat/HALT                    | entry/HALT cancel                     | position/HALT                          | exit/HALT
Dropped           | flat/HALT pos? ord?          | entry/HALT pos? ord? cancel           | position/HALT pos? ord?                | exit/HALT pos? ord?
KillSwitch        | flat/HALT                    | entry/HALT cancel                     | position/HALT cancel                   | exit/HALT
OperatorCommand   | flat/FLAT answer             | entry/ENTRY_PENDING answer            | position/IN_POSITION answer            | exit/HALT answer
`;

export const COOLDOWN = `
event             | flat                         | entry                                     | position                                   | exit
Boot              | flat/COOLDOWN pos? ord? exe? | entry/COOLDOWN pos? ord? exe? look cancel | position/COOLDOWN pos? ord? exe? look look | exit/COOLDOWN pos? ord? exe? look look look
Tick              | flat/COOLDOWN                | entry/COOLDOWN cancel                     | position/COOLDOWN                          | exit/COOLDOWN
TimeGap           | flat/COOLDOWN pos? ord?      | entry/COOLDOWN pos? ord? cancel           | position/COOLDOWN pos? ord?                | exit/COOLDOWN pos? ord?
Shutdown          | flat/COOLDOWN                | entry/COOLDOWN cancel                     | position/COOLDOWN                          | exit/COOLDOWN
CoreFault         | flat/HALT                    | entry/HALT cancel                         | position/HALT                              | exit/HALT
JournalHealth     | flat/HALT                    | entry/HALT cancel                         | position/HALT                              | exit/HALT
Market            | flat/COOLDOWN                | entry/COOLDOWN cancel                     | position/COOLDOWN                          | exit/COOLDOWN
Bars              | flat/COOLDOWN                | entry/COOLDOWN cancel                     | position/COOLDOWN                          | exit/COOLDOWN
Executed          | position/HALT pos? ord? stop | position/HALT pos? ord? stop cancel       | position/HALT pos? ord? exit cancel        | exit/HALT pos? ord?
InvalidFill       | flat/HALT pos? ord?          | entry/HALT pos? ord? cancel               | position/HALT pos? ord?                    | exit/HALT pos? ord?
OrderSeen         | flat/HALT pos? ord?          | entry/COOLDOWN cancel                     | position/COOLDOWN                          | exit/COOLDOWN
PositionSeen      | flat/COOLDOWN                | entry/COOLDOWN cancel                     | position/COOLDOWN                          | exit/COOLDOWN
WalletSeen        | flat/COOLDOWN                | entry/COOLDOWN cancel                     | position/COOLDOWN                          | exit/COOLDOWN
PlaceAnswer       | flat/COOLDOWN                | entry/COOLDOWN cancel                     | position/COOLDOWN                          | exit/COOLDOWN
AmendAnswer       | flat/COOLDOWN                | entry/COOLDOWN cancel                     | position/COOLDOWN                          | exit/COOLDOWN
CancelAnswer      | flat/COOLDOWN                | entry/COOLDOWN cancel                     | position/COOLDOWN                          | exit/COOLDOWN
LeverageAnswer    | flat/COOLDOWN pos?           | entry/COOLDOWN pos? cancel                | position/COOLDOWN pos?                     | exit/COOLDOWN pos?
PriceAdjustAnswer | flat/COOLDOWN                | entry/COOLDOWN cancel                     | position/COOLDOWN                          | exit/COOLDOWN
OrderLookup       | flat/COOLDOWN                | entry/COOLDOWN cancel                     | position/COOLDOWN                          | exit/COOLDOWN
PositionAnswer    | flat/COOLDOWN                | entry/COOLDOWN cancel                     | position/COOLDOWN                          | exit/COOLDOWN
OpenOrdersAnswer  | flat/COOLDOWN                | entry/COOLDOWN cancel                     | position/COOLDOWN                          | exit/COOLDOWN
ExecutionsAnswer  | flat/COOLDOWN                | entry/COOLDOWN cancel                     | position/COOLDOWN                          | exit/COOLDOWN
WalletAnswer      | flat/COOLDOWN                | entry/COOLDOWN cancel                     | position/COOLDOWN                          | exit/COOLDOWN
FeeRatesAnswer    | flat/COOLDOWN                | entry/COOLDOWN cancel                     | position/COOLDOWN                          | exit/COOLDOWN
InstrumentAnswer  | flat/COOLDOWN                | entry/COOLDOWN cancel                     | position/COOLDOWN                          | exit/COOLDOWN
RiskTierAnswer    | flat/COOLDOWN                | entry/COOLDOWN cancel                     | position/COOLDOWN                          | exit/COOLDOWN
AccountAnswer     | flat/COOLDOWN                | entry/COOLDOWN cancel                     | position/COOLDOWN                          | exit/COOLDOWN
KeyAnswer         | flat/COOLDOWN                | entry/COOLDOWN cancel                     | position/COOLDOWN                          | exit/COOLDOWN
MaintenanceAnswer | flat/COOLDOWN                | entry/COOLDOWN cancel                     | position/COOLDOWN                          | exit/COOLDOWN
Link              | flat/COOLDOWN                | entry/COOLDOWN cancel                     | position/COOLDOWN                          | exit/COOLDOWN
IpBanned          | flat/COOLDOWN                | entry/COOLDOWN cancel                     | position/COOLDOWN                          | exit/COOLDOWN
ParseFault        | flat/COOLDOWN                | entry/COOLDOWN cancel                     | position/COOLDOWN                          | exit/COOLDOWN
Dropped           | flat/COOLDOWN pos? ord?      | entry/COOLDOWN pos? ord? cancel           | position/COOLDOWN pos? ord?                | exit/COOLDOWN pos? ord?
KillSwitch        | flat/HALT                    | entry/HALT cancel                         | position/HALT cancel                       | exit/HALT
OperatorCommand   | flat/COOLDOWN answer         | entry/COOLDOWN answer cancel              | position/COOLDOWN answer                   | exit/COOLDOWN answer
`;
