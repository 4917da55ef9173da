/**
 * What a listener says to show that they listen, by base language: words and short phrases, with commas between. Two or
 * three of them in a row are one more sign of listening.
 */

export const LISTENER_PHRASES: Readonly<Record<string, string>> = {
  en:
    'uh huh, uhhuh, mhm, mm, mm hmm, hmm, yeah, yes, yep, yup, ok, okay, right, sure, aha, ah, oh, ' +
    'i see, got it, of course, alright, all right' +
    ', exactly, absolutely, definitely, true, great, good, sounds good, no problem, really, oh really, i understand, understood, thats right, indeed, totally, makes sense, thanks, got you, gotcha, fine, perfect, wow',
  es:
    'ajá, aha, mhm, sí, si, claro, vale, ya, bueno, ok, okay, ah, oh, ya veo, entiendo, por supuesto, ' +
    'de acuerdo' +
    ', claro que sí, exacto, exactamente, perfecto, muy bien, bien, eso, eso es, correcto, así es, comprendo, desde luego, ajá, listo, dale, cierto, está bien, ah ya, órale, sale',
  fr:
    "mhm, hum, oui, ouais, ok, okay, daccord, d'accord, ah, oh, bien, bien sûr, je vois, voilà, ah bon" +
    ", exactement, exact, c'est ça, très bien, tout à fait, en effet, je comprends, entendu, compris, parfait, certainement, absolument, mais oui, ça marche, euh oui",
  de:
    'mhm, hm, ja, jaja, genau, ok, okay, aha, ach, so, ach so, klar, gut, verstehe, richtig, alles klar' +
    ', stimmt, natürlich, ach ja, in ordnung, genau genau, gut gut, sehr gut, jawohl, freilich, eben, verstanden, ich verstehe, sicher, ach was, aha so, jo, joa, na klar, passt, super, prima',
  it:
    'mhm, sì, si, ok, okay, certo, ah, già, bene, capisco, va bene, esatto' +
    ", d'accordo, perfetto, ho capito, capito, certamente, ecco, giusto, appunto, infatti, ah ok, ah ecco, chiaro, ma certo, sicuro",
  pt:
    'mhm, sim, pois, pois é, tá, tá bom, ok, okay, claro, ah, certo, entendo, é' +
    ', está bem, exato, exatamente, beleza, perfeito, com certeza, isso, isso mesmo, entendi, percebi, percebo, está certo, tudo bem, muito bem, bom, ah sim, uhum, aham',
  nl:
    'mhm, hm, ja, jaja, oké, ok, precies, ah, goed, juist, ik snap het' +
    ', inderdaad, klopt, begrepen, zeker, natuurlijk, ik begrijp het, prima, helemaal, okee, oke, dat klopt, ach zo, juist ja',
  sv:
    'mm, mhm, ja, jo, jaha, okej, ok, just det, precis, jag förstår' +
    ', visst, absolut, exakt, okay, jaså, jovisst, jag fattar, javisst, bra, aha, mm mm, självklart',
  da:
    'mm, mhm, ja, jo, okay, ok, nå, præcis, jeg forstår' +
    ', nemlig, rigtigt, selvfølgelig, godt, aha, forstået, netop, lige præcis, javel, okej, det er rigtigt',
  nb:
    'mm, mhm, ja, jo, ok, okay, akkurat, jeg skjønner' +
    ', nettopp, jepp, selvfølgelig, riktig, bra, aha, forstår, greit, okei, det stemmer, javel',
  no: 'mm, mhm, ja, jo, ok, okay, akkurat, jeg skjønner',
  fi:
    'mm, joo, juu, niin, kyllä, aivan, ok, okei, selvä, ymmärrän' +
    ', just, juuri niin, totta, totta kai, tietysti, hyvä, aha, ahaa, jep, joo o, ymmärsin, selvä juttu, okay',
  is: 'já, jú, einmitt, ok' + ', já já, akkúrat, allt í lagi, ég skil, rétt, auðvitað, ókei, nú já, jæja',
  et:
    'jah, jaa, mhm, nii, selge, ok' +
    ', just, täpselt, muidugi, hästi, okei, ahah, aa, arusaadav, saan aru, õige',
  lv:
    'jā, aha, labi, skaidrs, ok' + ', tieši tā, protams, saprotu, sapratu, pareizi, jā jā, okei, nu jā, mhm',
  lt:
    'taip, aha, gerai, aišku, ok' +
    ', tiksliai, žinoma, suprantu, supratau, teisingai, okei, mhm, nu taip, jo, būtent',
  pl:
    'mhm, tak, no, aha, ok, okej, dobrze, jasne, rozumiem, no tak' +
    ', zgadza się, oczywiście, dokładnie, właśnie, okay, pewnie, racja, jasne że tak, dobra, no właśnie, zrozumiałem, świetnie',
  cs:
    'mhm, jo, ano, no, aha, ok, dobře, jasně, rozumím, no jo' +
    ', přesně, přesně tak, samozřejmě, určitě, chápu, okej, no jasně, tak jo, správně, rozumim, hm, aha tak',
  sk:
    'mhm, áno, hej, no, aha, ok, dobre, jasné, rozumiem' +
    ', presne, presne tak, samozrejme, určite, chápem, okej, jasné, správne, hm, no jasné, jo',
  sl:
    'ja, mhm, aha, ok, dobro, razumem, seveda' +
    ', točno, tako, tako je, res, prav, jasno, okej, no ja, seveda, drži, v redu',
  hr:
    'da, mhm, aha, ok, dobro, jasno, razumijem, naravno' +
    ', točno, tako je, u redu, okej, shvaćam, naravno, istina, da da, može, super',
  bs: 'da, mhm, aha, ok, dobro, jasno, razumijem' + ', tačno, tako je, u redu, okej, naravno, shvatam, može',
  sr:
    'да, мхм, аха, ок, добро, јасно, разумем, da, aha, ok, dobro, jasno, razumem' +
    ', тачно, тако је, у реду, наравно, схватам, важи, океј, tačno, tako je, u redu, naravno, shvatam, važi, okej',
  mk: 'да, аха, ок, добро, јасно' + ', точно, така е, во ред, секако, разбирам, важи',
  bg:
    'да, аха, ммм, добре, ясно, ок, разбирам' +
    ', точно, точно така, разбира се, така е, окей, мхм, добре добре, вярно, естествено, разбрах',
  ru:
    'угу, ага, да, так, ну да, ясно, понятно, хорошо, ок, окей, конечно, понял, поняла' +
    ', точно, верно, разумеется, ладно, понимаю, именно, правильно, всё понятно, ясно понятно, ну ясно, отлично, мгм, ммм, да да да, так точно, хм, ну хорошо, окэй',
  uk:
    'угу, ага, так, авжеж, ясно, зрозуміло, добре, ок, окей, звісно' +
    ', точно, розумію, зрозуміла, вірно, правильно, звичайно, саме так, гаразд, ясно, так так, мгм, окей, ну так, чудово',
  be: 'угу, ага, так, ясна, добра' + ', дакладна, разумею, зразумела, вядома, ага',
  hu:
    'aha, igen, ja, ühüm, persze, jó, értem, oké, ok' +
    ', rendben, pontosan, jól van, világos, így van, okés, oké oké, jaj igen, hogyne, értettem, természetesen, hát igen, mhm, aha aha, naná',
  ro:
    'aha, da, mhm, bine, sigur, înțeleg, ok, așa' +
    ', exact, de acord, da da, desigur, corect, am înțeles, în regulă, bineînțeles, okay, perfect, da sigur, mda, așa e',
  el:
    'ναι, μάλιστα, αχά, εντάξει, οκ, σωστά, κατάλαβα' +
    ', ακριβώς, βέβαια, βεβαίως, φυσικά, καλά, ωραία, έγινε, κατανοητό, οκέι, ναι ναι, μμ, αα, έτσι, έτσι είναι, α ναι',
  tr:
    'evet, hı hı, hıhı, tamam, anladım, peki, tabii, aynen, olur, ha, hmm' +
    ', doğru, elbette, tabi, tabii ki, tabi ki, okey, iyi, güzel, öyle, hıhım, haklısın, haklısınız, anlaşıldı, evet evet, hmm hmm, he, he he, ha tamam, tamamdır, kesinlikle',
  az: 'bəli, hə, aha, yaxşı, aydındır' + ', hə hə, düzdür, əlbəttə, oldu, başa düşdüm, tamam',
  ar:
    'نعم, أيوه, ايوه, اه, آه, طيب, تمام, حسنا, أها, فهمت, صحيح' +
    ', أيوة, أيوا, إيوه, ماشي, صح, أوكي, اوكي, طبعا, طبعًا, طبعاً, بالضبط, بالتأكيد, أكيد, حاضر, مفهوم, عظيم, جيد, ممتاز, فعلا, اي نعم, إي, تماما, تمامًا, أجل, يعني, هم, حسنًا, حسناً, تمام تمام',
  fa:
    'بله, آره, آها, باشه, خب, درسته, فهمیدم' +
    ', دقیقا, دقیقاً, البته, حتما, اوکی, فهمیدم, متوجه شدم, متوجهم, صحیح, درست, هوم, خوب, عالی, بله بله, آهان',
  ur:
    'جی, ہاں, جی ہاں, اچھا, ٹھیک ہے, ہم' +
    ', بالکل, اوکے, صحیح, سمجھ گیا, سمجھ گئی, ہوں, جی ضرور, اچھا جی, جی بالکل',
  he:
    'כן, אהה, בסדר, אוקיי, הבנתי, נכון' +
    ', בדיוק, ברור, אוקי, מובן, טוב, כמובן, אהמ, נו, סבבה, יופי, אה, כן כן, בטח, ממש, אהא',
  hi:
    'हाँ, हां, जी, हाँ जी, जी हाँ, हां जी, अच्छा, ठीक, ठीक है, हम्म, सही' +
    ', बिल्कुल, ओके, समझ गया, समझ गई, अच्छा जी, हूँ, हाँ ठीक है, ठीक है जी, सही है, जी बिल्कुल, बराबर, हाँ हाँ हाँ, जी अच्छा, हां बिल्कुल',
  bn: 'হ্যাঁ, হুম, জি, আচ্ছা, ঠিক আছে' + ', ঠিক, ওকে, হ্যাঁ ঠিক, বুঝেছি, বুঝলাম, অবশ্যই, হুঁ, জি জি, ও আচ্ছা, জ্বি',
  mr: 'हो, हं, बरं, ठीक, अच्छा' + ', बरोबर, ओके, समजलं, हो ना, ठीक आहे, अच्छा अच्छा',
  ne: 'हजुर, हो, अँ, ठिक छ' + ', हुन्छ, ठीक, ओके, बुझें, अँ अँ, हो हो, ए',
  ta: 'ஆமா, ஆமாம், சரி, ம்ம்' + ', ஓகே, புரிந்தது, புரியுது, ஆம், ஓ, நல்லது, கண்டிப்பாக',
  te: 'అవును, సరే, ఊ' + ', ఓకే, అలాగే, అర్థమైంది, ఆ, హా, ఊఁ, నిజమే',
  ja:
    'はい, はいはい, うん, うんうん, ええ, そう, そうですか, そうですね, なるほど, あー, ああ, へえ, 分かりました, わかりました, はあ' +
    ', へえー, そうなんですか, そうなんですね, そうなんだ, なるほどね, なるほどですね, うーん, ふーん, ふうん, ほんとですか, 本当ですか, 了解です, 了解しました, 了解, はいはいはい, オッケー, オーケー, そっか, そうか, そうだね, ですよね, もちろん, もちろんです, そのとおり, その通りです, たしかに, 確かに, ええええ, ほう, はーい, あーはい, あはい, うんうんうん, ああそうですか, わかった, 分かった, かしこまりました, 承知しました, 大丈夫です, いいですね, まあ',
  zh:
    '嗯, 嗯嗯, 对, 对对, 對, 好, 好的, 是, 是的, 哦, 噢, 啊, 行, 明白, 知道了, 没错, 可以' +
    ', 是啊, 对啊, 我知道了, 明白了, 我明白, 我明白了, 知道, 了解, 对的, 好吧, 好呀, 好啊, 行行, 没问题, 原来如此, 原来是这样, 这样啊, 是吗, 真的, 真的吗, 当然, 可以可以, 嗯哼, 哦哦, 好嘞, 是是, 是的是的, 懂了, 没事, 不错, 沒錯, 對啊, 對的, 我知道, 沒問題, 當然, 真的嗎, 這樣啊, 是嗎, 原來如此, 嗯好, OK, ok',
  yue: '係, 嗯, 好, 明白, 哦' + ', 係呀, 係啊, 得, 得啦, 好呀, 冇問題, 知道, 知道喇, 明白晒, 啱, 啱呀, 係係',
  ko:
    '네, 네네, 예, 응, 아, 아네, 그래요, 그렇군요, 알겠습니다, 맞아요, 음' +
    ', 예예, 맞습니다, 그렇죠, 그래, 알았어요, 알았습니다, 맞아, 맞네요, 그럼요, 물론이죠, 당연하죠, 네 알겠습니다, 네 맞아요, 아하, 아 그래요, 아 그렇군요, 음음, 응응, 어, 오케이, 좋아요, 좋습니다, 그렇지, 그렇습니다, 그러네요, 정말요, 진짜요, 아 예, 네 좋아요',
  th:
    'ค่ะ, ครับ, ใช่, ใช่ครับ, ใช่ค่ะ, อืม, อ๋อ, โอเค, เข้าใจ' +
    ', ใช่ๆ, ใช่เลย, ครับผม, ได้, ได้ครับ, ได้ค่ะ, ตกลง, ตกลงครับ, ตกลงค่ะ, เข้าใจแล้ว, เข้าใจค่ะ, เข้าใจครับ, โอเคค่ะ, โอเคครับ, อ๋อครับ, อ๋อค่ะ, จ้ะ, จ้า, คะ, ถูกต้อง, ถูก, แน่นอน, ดี, ดีครับ, ดีค่ะ, อือ, เออ, อ้อ, รับทราบ',
  vi:
    'vâng, dạ, ừ, ờ, à, đúng, được, ok, vâng ạ, dạ vâng' +
    ', đúng rồi, được rồi, vâng đúng, phải, phải rồi, thế à, vậy à, ok ok, hiểu rồi, tôi hiểu, tôi hiểu rồi, ừ ừ, ừm, à vâng, à thế à, chuẩn, chính xác, tất nhiên, tốt, dạ được, dạ đúng',
  id:
    'ya, iya, oke, ok, baik, betul, oh, hmm, begitu, saya mengerti' +
    ', baiklah, tentu, tentu saja, paham, mengerti, siap, sip, benar, oh begitu, oh iya, ya betul, ya benar, hmm ya, bagus, iya betul',
  ms:
    'ya, okey, ok, baik, betul, faham, oh' +
    ', baiklah, tentu, tentulah, betul tu, okay, saya faham, ya betul, oh begitu, bagus, ye, ha',
  fil:
    'oo, opo, sige, okay, ok, ah' +
    ', oo nga, opo opo, tama, talaga, sige po, okay po, naiintindihan ko, ganon ba, ayos, oho, tama po',
  sw:
    'ndiyo, sawa, naam, ehe, haya' +
    ', sawa sawa, kweli, ndio, nimeelewa, naelewa, vizuri, haswa, ndiyo ndiyo, eeh',
  ca:
    'sí, aha, clar, val, bé, ok, entesos' +
    ", d'acord, exacte, perfecte, molt bé, i tant, ja, entenc, clar que sí, bé bé, correcte, és clar, ah val",
  gl: 'si, claro, vale, xa, ok' + ', de acordo, exacto, perfecto, moi ben, entendo, ben, si home',
  eu: 'bai, ados, noski, ok' + ', konforme, jakina, horixe, ulertzen dut, bale, hori da, ederki',
  cy: 'ie, iawn, ydy, ok' + ', iawn iawn, yn union, wrth gwrs, dwi yn deall, da iawn, oce, ia, ie ie',
  ga: 'sea, ceart, ok' + ', sea sea, go díreach, ar ndóigh, tuigim, maith go leor, ceart go leor, togha',
  eo: 'jes, bone, aha, ĝuste',
  af: 'ja, mhm, goed, ok, reg' + ', presies, natuurlik, ek verstaan, reg so, okei, oukei, goed so',
  sq: 'po, mirë, ok, aha' + ', po po, saktë, patjetër, e kuptoj, në rregull, dakord, tamam',
  ka: 'კი, ხო, კარგი, გასაგებია' + ', დიახ, კი კი, რა თქმა უნდა, გასაგებია, ჰო, ოკეი, მართალია, ზუსტად, აჰა',
  hy: 'այո, հա, լավ, հասկացա' + ', այո այո, իհարկե, պարզ է, ճիշտ է, հասկանում եմ, օքեյ, հա հա, լավ լավ, ահա',
  kk: 'иә, жақсы, түсінікті' + ', ия, әрине, дұрыс, жақсы жақсы, түсіндім, мақұл, ок, болады',
  km: 'បាទ, ចាស' + ', បាទបាទ, ចាសចាស, យល់ហើយ, ត្រូវហើយ, អូខេ, បានបាន, អឺ',
  lo: 'ເຈົ້າ, ແມ່ນ' + ', ແມ່ນແລ້ວ, ໂດຍ, ເຂົ້າໃຈ, ເຂົ້າໃຈແລ້ວ, ໂອເຄ, ອືມ, ໄດ້',
  my: 'ဟုတ်ကဲ့' + ', ဟုတ်တယ်, အင်း, အိုကေ, နားလည်ပါတယ်, ကောင်းပါပြီ, ဟုတ်, ဟုတ်ပါတယ်',
  kn: 'ಹೌದು, ಸರಿ, ಹಾಂ, ಹೂಂ, ಆಯ್ತು' + ', ಓಕೆ, ಅರ್ಥವಾಯಿತು, ಹೌದಾ, ಹ್ಞಾ',
  ml: 'അതെ, ശരി, ആ, ഉം' + ', ഓക്കെ, മനസ്സിലായി, അതേ, ആണോ, ഉവ്വ്',
  gu: 'હા, હા જી, જી, બરાબર, સારું, ઠીક છે' + ', ઓકે, હં, સમજાયું, ખરું, અચ્છા',
  pa: 'ਹਾਂ, ਹਾਂ ਜੀ, ਜੀ, ਠੀਕ ਹੈ, ਅੱਛਾ' + ', ਓਕੇ, ਸਹੀ, ਬਿਲਕੁਲ, ਸਮਝ ਗਿਆ, ਹਾਂ ਹਾਂ',
  or: 'ହଁ, ଆଚ୍ଛା, ଠିକ୍ ଅଛି',
  as: 'হয়, অঁ, ঠিক আছে',
  si: 'ඔව්, හරි, හ්ම්, හොඳයි',
  sd: 'ها, جي, ها جي, ٺيڪ آهي',
  ps: 'هو, ښه, سمه ده, جی',
  ckb: 'بەڵێ, ئا, باشە',
  ku: 'erê, belê, baş e, temam',
  ky: 'ооба, макул, жакшы, түшүнүктүү',
  uz:
    'ha, xa, xo‘p, mayli, tushunarli, albatta' +
    ', mayli mayli, to‘g‘ri, ha ha, tushundim, xop, ok, yaxshi, albatta',
  tg: 'ҳа, бале, хуб, хуб шуд, фаҳмидам',
  tk: 'hawa, bolýar, düşündim',
  tt: 'әйе, ярар, аңлашыла',
  ba: 'эйе, ярай',
  cv: 'ҫапла, юрӗ',
  ug: 'ھەئە, بولىدۇ, ماقۇل',
  mn: 'тийм, за, аан, ойлголоо, зүгээр' + ', мэдээж, зөв, ойлголоо, тийм тийм, болно, за за, аа',
  am: 'አዎ, እሺ, አዎን, ገባኝ' + ', አዎ አዎ, እሺ እሺ, ልክ ነው, በትክክል, ጥሩ, እህ, ተረድቻለሁ',
  ha: 'eh, i, to, na gane, haka ne',
  yo: 'bẹẹni, ehn, o dara, ó yé mi',
  ig: 'ee, ọ dị mma, eziokwu',
  zu: 'yebo, ehhe, kulungile',
  xh: 'ewe, kulungile, ndiyaqonda',
  st: 'ee, ho lokile',
  tn: 'ee, go siame',
  so: 'haa, haye, waa hagaag, waan fahmay',
  ln: 'ee, iyo, malamu, nayoki',
  ny: 'eya, chabwino, ndamva',
  sn: 'hongu, ehe, zvakanaka',
  mg: 'eny, eka, tsara',
  jv: 'iya, inggih, nggih, oke',
  su: 'enya, muhun, sumuhun, oke',
  ceb: 'oo, mao, sige, okay, ok',
  haw: 'ʻae, maikaʻi',
  mi: 'āe, ka pai, kei te pai',
  la: 'ita, sic, certe, bene',
  lb: 'jo, jojo, majo, genau, ok, okay, gutt',
  mt: 'iva, tajjeb, sewwa, mela, ok',
  ht: 'wi, dakò, ok, oke',
  oc: 'òc, plan, d’acòrdi',
  an: 'sí, claro, vale',
  ast: 'sí, claro, vale, bono',
  br: 'ya, mat eo, ok',
  gd: 'seadh, aidh, ceart, ceart gu leòr',
  fo: 'ja, jú, gott, ok',
  sc: 'eja, sì, andat bene',
  nn: 'mm, mhm, ja, jo, ok, akkurat, eg skjønar',
  yi: 'יאָ, גוט, פֿאַרשטאַנען',
  kok: 'हय, बरें, ठीक आसा',
  mai: 'हँ, ठीक अछि',
  bho: 'हँ, ठीक बा',
  sa: 'आम्, अस्तु',
  bo: 'ལགས་, འོ་',
  ti: 'እወ, ሕራይ',
  gn: 'heẽ, oĩ porã',
  qu: 'arí, allin',
  ay: 'jisa, walikiwa',
  om: 'eeyyee, tole',
  ts: 'ina, swi lunghile',
  wo: 'waaw, baax na',
  ia: 'si, bon',
  io: 'yes, bone',
  hak: '係, 好',
};
