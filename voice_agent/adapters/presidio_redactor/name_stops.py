"""Words that never are a part of a name where one could stand: they end it."""

from voice_agent.adapters.presidio_redactor.words import listed

NEVER_NAMES = listed(
    """
    a about above account across actually address after again against age ago ahead all almost alone along already also although
    always am amazing an and another any anybody anyone anything anyway are area around as ask asked asking at available away
    awesome awful back bad bank be because been before behind being best better between big bit black blue born both box bring
    broke broken brother brown business but buy by call called caller calling came can can't cancel cannot card care careful case
    certain change charge charged chat check city clear close closed code coffee cold come coming company complaint confused
    connect contact correct cost could couldn't country couple customer dad date daughter day days dead delivered delivery
    department did didn't different digits disappointed disputing do does doesn't doing don't done door double down during each
    early eight either eleven else email end english enough error even ever every everybody everyone everything exactly expecting
    far fast father feel few fifteen fifty fine first five following for four friend from front full furious get getting gift
    give given giving glad go going gone gonna good got great green had half hand happy hard has hasn't have haven't having he
    head hear hello help her here hey hi him his hold home hope hoping hot hour hours house how how's however hundred husband i
    i'd i'll i'm i've if in inside instead interested into is isn't issue it it's its january june just keep kind kitchen know
    last late later least left less let letter letters like line little live living locked long look looking lost lot machine
    made mail make making man manager many march may maybe me mean membership middle might mine minute missing mister mom moment
    money month months more morning most mother mr mrs ms much must my myself name named names near need needed neither never new
    next nice night nine no nobody none nope nor not nothing now number of off office oh ok okay old on once one online only open
    or order ordered other our out outside over overcharged own package parcel pay paying people person phone place please point
    possible price pretty probably problem product put question quick quite rather ready real really red refund regarding
    registered reply representative retired return returning right robot room said same saw say saying second see seems send sent
    seven several she should shouldn't sick since sir sister six size so some somebody someone something son soon sorry sort
    speak speaking spell spelled spelling spelt stand still stop store street stuck student such support suppose supposed sure
    surname take taken taking talk talking tell ten terrible than thank thanks that that's the their them then there there's
    these they they're thing think third this those though thought thousand three through tired to today together told tomorrow
    tonight too tracking tried triple true try trying twelve twenty two uh um unable under understand unhappy until up update
    upset us use used user very wait waiting wanna want wanted wanting was wasn't way we we'll we're we've week weeks well went
    were what what's when where where's whether which while white who who's whole why wife will with within without won't
    wondering work working worried would wouldn't wrong yeah year years yellow yep yes yesterday yet you you're your yours zero
    zip email dot street road avenue monday tuesday wednesday thursday friday saturday sunday february april july august
    september october november december usually calling's got gotta ma'am whose born lives correct located standing planning
    wanting ringing phoning writing having interested angry frustrated annoyed based driving afraid chicago boston denver seattle
    portland austin
    """
)
