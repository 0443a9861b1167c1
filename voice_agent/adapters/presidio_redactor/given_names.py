"""Common given names of people who call in English, for text without capitals; spaCy finds the others by context."""

from voice_agent.adapters.presidio_redactor.words import listed

GIVEN_NAMES = listed(
    """
    aaron abby abdul abigail adam adrian agnes ahmed aisha alan albert alejandro alex alexander alexandra alexis alfred alice
    alicia alison allison alyssa amanda amber amelia amina amir amy ana anders andre andrea andreas andrew andy angela angelica
    angie anita ann anna anne annette annie anthony antonio april arjun arthur arturo ashley ashok audrey austin barbara barry
    beatrice becky ben benjamin bernard bernice beth bethany betty beverly bill billy bob bobby bonnie brad bradley brandon
    brenda brent brett brian bridget bruce bryan caitlin caleb calvin cameron camila candace carl carla carlos carmen carol
    caroline carolyn carrie catherine cathy cecilia charles charlie charlotte chad chen chelsea cheryl chloe chris christian
    christina christine christopher cindy claire clara clarence claudia clayton clifford colin colleen connie connor cory
    courtney craig crystal curtis cynthia daisy dale dan dana daniel danielle danny daphne darlene darren dave david dawn dean
    deborah debbie debra deepak delores denise dennis derek devin diana diane diego dmitri dolores dominic don donald donna doris
    dorothy doug douglas duane dylan earl ed eddie edgar edith edna eduardo edward edwin eileen elaine eleanor elena elias elijah
    elizabeth ella ellen ellie elmer emily emma emmanuel enrique eric erica erik erin ernest esther ethan ethel eugene eva evan
    evelyn farah fatima felicia felix fernando fiona florence frances francesca francis francisco frank franklin fred frederick
    gabriel gabriela gail gary gavin gene george gerald geraldine gilbert gina giovanni gladys glen glenda glenn gloria gordon
    grace graham grant greg gregory gretchen guadalupe guillermo gwen hailey hank hannah harold harriet harry harvey hassan hazel
    heather hector heidi helen henry herbert herman hilda hiroshi holly hope howard hugh ian ibrahim ida ingrid irene iris isaac
    isabel isabella ivan jack jackie jackson jacob jacqueline jaime jake jamal james jamie jan jane janet janice jared jasmine
    jason javier jay jean jeanette jeff jeffrey jen jenna jennifer jenny jeremy jerome jerry jesse jessica jessie jill jim jimmy
    jo joan joann joanna joanne joe joel johanna john johnny jon jonathan jordan jorge jose joseph josephine josh joshua joy
    joyce juan juanita judith judy julia julian julie june justin kaitlyn karen karl karla katherine kathleen kathryn kathy katie
    katrina kayla keith kelly kelsey ken kendra kenneth kent kevin khalid kim kimberly kirk kristen kristin kristina kurt kyle
    lakshmi lance larry latoya laura lauren laurie lawrence leah lee leila lena leo leon leonard leroy leslie lester leticia
    lewis liam lillian lily linda lindsay lindsey lisa lloyd logan lois lola lori lorraine louis louise lucas lucia lucille lucy
    luis luke luther lydia lynn mackenzie madeline madison mae maggie mahmoud malcolm malik manuel marc marcia marco marcus
    margaret margarita maria marian marie marilyn mario marion marjorie mark marlene martha martin marvin mary mateo matt matthew
    maureen maurice max maxine maya megan mei melanie melinda melissa melvin mercedes meredith michael michele michelle miguel
    mike mildred milton mindy miranda miriam mitchell mohamed mohammed molly monica monique morgan muhammad myra myrtle nadia
    nancy naomi natalie natasha nathan nathaniel neil nelson nicholas nick nicolas nicole nikhil nina noah noel nora norma norman
    olga oliver olivia omar oscar owen pablo paige pam pamela pat patricia patrick paul paula pauline pedro peggy penny perry
    pete peter phil philip phillip phyllis pierre piotr priya rachel rafael raj rajesh ralph ramon ramona randall randy raul ravi
    ray raymond rebecca regina reginald rena rene rhonda ricardo richard rick ricky rita rob robert roberta roberto robin rocio
    rodney roger roland ron ronald ronnie rosa rosalie rose rosemary ross roxanne roy ruben ruby russell ruth ryan sabrina sadie
    sally salvador sam samantha samir samuel sandra sandy sanjay santiago sara sarah scott sean sebastian sergei sergio seth
    shane shannon sharon shawn sheila shelby shelly sheri sherry shirley sidney sierra silvia simon sofia sonia sonya sophia
    sophie stacey stacy stan stanley stella stephanie stephen steve steven stewart stuart sue sunita susan suzanne svetlana
    sylvia tamara tammy tanya tara taylor ted teresa terri terry thelma theodore theresa thomas tiffany tim timothy tina todd tom
    tommy toni tony tonya tracey traci tracy travis trevor tricia trisha troy tyler valerie vanessa vera vernon veronica vicki
    vickie victor victoria vijay vincent viola violet virginia vivian wade walter wanda warren wayne wendy wesley whitney wilfred
    will william willie wilma xavier yolanda yusuf yvette yvonne zachary zoe
    """
)
ALSO_WORDS = listed(
    """
    amber april austin bill bob chad chase chris crystal daisy dale dawn dean don drew earl faith frank gene glen grace grant
    hazel heather holly hope iris ivy jack jackson jan jean jo joy june kelly kim lance lee lily logan madison major mark max may
    mercedes miles nick noel oscar pat penny perry pierce ray rich rob robin rose ruby sandy sierra stacy sue taylor tony trace
    victor viola violet virginia wade warren will jordan florence lola paris sydney victoria chelsea dana lewis nelson mike
    charlie romeo juliet india
    """
)
"""Given names that are everyday words, cities, products or letters of the spelling alphabet as well."""
